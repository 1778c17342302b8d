"""`python -m lmr_hybrid`."""

from lmr_hybrid.cli import main

if __name__ == "__main__":
    main(prog_name="python -m lmr_hybrid")
