"""Make accounts of this machine from a list: `accounts.py LIST.csv GROUP`, as root.

The list is what Moodle or Canvas exports, or a roster for nbgrader; its column
`username`, `SIS Login ID` or `id` counts. Each new account gets a password, printed as
a table to hand out; an account that is there already only joins the group. Nobody is
removed.
"""

import csv
import grp
import os
import pwd
import re
import secrets
import subprocess
import sys

COLUMNS = ("username", "sis login id", "login", "id")
NAME = re.compile(r"[a-z_][a-z0-9_.-]{0,31}")


def names(lines):
    """Return the names in a list, in its order; raise ValueError for what is none."""
    table = csv.DictReader(lines)
    columns = {(field or "").strip().lower(): field for field in table.fieldnames or ()}
    column = next((columns[name] for name in COLUMNS if name in columns), None)
    if column is None:
        raise ValueError(f"there is no column {' or '.join(COLUMNS)}")
    found = []
    for row in table:
        name = (row[column] or "").strip().lower()
        if not NAME.fullmatch(name):
            raise ValueError(
                f"line {table.line_num}: {row[column]!r} is no name of an account; it "
                "has a–z, 0–9, _ . - and begins with a letter"
            )
        found.append(name)
    return list(dict.fromkeys(found))


def make(name, group):
    """Make an account, or put one into the group; return its new password, if any."""
    try:
        pwd.getpwnam(name)
    except KeyError:
        password = secrets.token_urlsafe(9)
        command = ["useradd", "--create-home", "--groups", group, name]
        subprocess.run(command, check=True)
        line = f"{name}:{password}\n"
        try:
            subprocess.run(["chpasswd"], input=line, text=True, check=True)
        except subprocess.CalledProcessError:
            subprocess.run(["userdel", "--remove", name])  # nobody could log in
            raise
        return password
    subprocess.run(["usermod", "--append", "--groups", group, name], check=True)
    return ""


def main(file, group):
    """Make all accounts of a list; return what failed."""
    try:
        with open(file, encoding="utf-8-sig", newline="") as lines:
            everyone = names(lines)
    except (OSError, ValueError, csv.Error) as error:
        return f"make: {file}: {error}. Nothing was made."
    if os.geteuid() != 0:
        return "make: accounts are made by root: run it as root. Nothing was made."
    try:
        grp.getgrnam(group)
    except KeyError:
        return f"make: run `groupadd {group}` first: there is no such group."
    table = csv.writer(sys.stdout)
    table.writerow(["username", "password"])
    for name in everyone:
        try:
            table.writerow([name, make(name, group)])
        except subprocess.CalledProcessError as error:
            return f"make: {name}: {error.cmd[0]} failed. Those above were made."
        sys.stdout.flush()
    return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
