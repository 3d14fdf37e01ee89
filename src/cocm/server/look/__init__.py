"""How the server looks: components, page frame, themes and the style guide. Pages call it; it knows no page and no model."""
