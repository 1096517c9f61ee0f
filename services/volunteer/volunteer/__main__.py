from kit.service import main
from volunteer.app import VOLUNTEER
from volunteer.settings import Settings

if __name__ == "__main__":
    main(VOLUNTEER, Settings)
