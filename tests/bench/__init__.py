"""How fast the product is, each figure beside its floor: what the same machine does in the same run at best."""
