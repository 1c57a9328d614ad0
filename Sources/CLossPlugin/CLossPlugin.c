// The header is the whole module.
