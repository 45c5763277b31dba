"""The manual pages as specifications: the clauses of a release's pages, and what calls keep of them."""
