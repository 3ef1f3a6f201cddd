"""What ``python -m seqest`` runs."""

from seqest.cli import main

main()
