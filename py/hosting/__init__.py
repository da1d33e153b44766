"""What `serve.py` does: prepare the files that the browser needs, serve them, or build the site. Standard library only."""
