"""`python -m registry serve|relay|migrate|rebuild|check`."""

from kit.service import main
from registry.app import REGISTRY
from registry.settings import Settings

if __name__ == "__main__":
    main(REGISTRY, Settings)
