"""What goes in and out. Leads are in PascalCase, as the marketplace writes them; all else is in snake_case."""
