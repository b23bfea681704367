"""Pages: what a page includes, cites, asks and links, before and after Markdown renders it."""
