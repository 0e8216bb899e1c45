"""Open JupyterLab on the notebooks: `make lab`.

It listens to this computer only and asks for a token that is new each time, whatever
the user's settings for other servers say.
"""

import secrets

from jupyterlab.labapp import main

from weave.lessons import NOTEBOOKS

if __name__ == "__main__":
    main(
        [
            f"--ServerApp.root_dir={NOTEBOOKS}",
            "--ServerApp.ip=localhost",
            f"--IdentityProvider.token={secrets.token_hex(24)}",
        ]
    )
