"""The registry: patients with their cover, episodes, consent, team, measures, reviews and claims so far."""
