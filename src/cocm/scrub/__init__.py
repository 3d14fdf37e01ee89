"""Checks professional claim files of any system for their Collaborative Care lines, with no other data of ours."""
