"""How the shipped weights were made and measured. Only the command lines import it; it is never sent to the page."""
