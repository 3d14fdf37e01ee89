"""How the server looks: components, page frame, themes, style guide. Pages call it; it knows no page and no model."""
