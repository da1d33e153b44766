"""What `serve.py` does: fetch the third-party files, put the site together, serve it. Standard library only."""
