# Runs a command with what the lockfile names: installs first when the lockfile is newer than what is installed.
set -e
[ node_modules/.package-lock.json -nt package-lock.json ] || {
  echo 'Installing from the lockfile…'
  npm ci --no-audit --no-fund --loglevel=error
}
exec "$@"
