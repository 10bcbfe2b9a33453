/**
 * Shell functions that read the process table: the only proof that a manager runs or does not. LeoFS's own
 * answers lie in both directions (`start` exits 0 and the node dies, `stop` exits 1 with a wrong cookie).
 *
 * `beams NODE` prints the process ids of Erlang VMs started with `-name NODE`; a VM that this package itself
 * runs on a copy of the files does not count.
 */
export const PROCESS_FUNCTIONS = `
arguments() { tr '\\000' '\\n' 2>/dev/null < "/proc/$1/cmdline"; } 2>/dev/null
beams() {
  if [ -r /proc/self/cmdline ]; then
    for file in $(grep -laF -e "$1" /proc/[0-9]*/cmdline 2>/dev/null); do
      pid=\${file#/proc/}; pid=\${pid%/cmdline}
      arguments "$pid" | NODE=$1 awk '
        NR == 1 { vm = ($0 ~ /(^|\\/)beam(\\.smp)?$/) }
        vm && previous == "-name" && $0 == ENVIRON["NODE"] { found = 1 }
        $0 == "-leofs_recovery" { own = 1 }
        { previous = $0 }
        END { exit !(found && !own) }' && printf '%s\\n' "$pid"
    done
  else
    ps axww -o pid= -o args= | NODE=$1 awk '
      $2 ~ /(^|\\/)beam(\\.smp)?$/ && !/ -leofs_recovery / { for (i = 3; i < NF; i++) if ($i == "-name" && $(i + 1) == ENVIRON["NODE"]) print $1 }'
  fi
  return 0
}
`;
