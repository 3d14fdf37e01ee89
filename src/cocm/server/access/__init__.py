"""Who may do what: one table of permissions by role, one declaration a view, one way to open a chart."""
