# The files that LeoFS generates at a start, out of `etc`.
etc=$1 kept=$2
set -e
umask 077
for file in app.config vm.args; do
  if [ -f "$etc/$file" ]; then mkdir -p -- "$kept"; mv -- "$etc/$file" "$kept/$file"; fi
done
