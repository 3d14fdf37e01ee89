"""My day: what waits for the acting person today, gathered from every app; reminders of it by e-mail."""
