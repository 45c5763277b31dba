"""ClientHello and ServerHello, which are alike in all versions and choose one of them."""
