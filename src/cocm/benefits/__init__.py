"""An eligibility answer (271) read for one Collaborative Care month: coverage, route, cost share, and what to ask."""
