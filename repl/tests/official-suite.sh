#!/usr/bin/env bash
# Run the reference's own test suite (its `testes` folder, which is not kept here) and print a table of results.
#
#   repl/tests/official-suite.sh [-m modes] [-t seconds] [-l folder] testes [file ...]
#
# Each file runs alone, in a fresh copy of the folder, as the suite's "portable" and "soft" variant, without its
# internal test library. Left out by default are the files that test the C API, the reference's own bytecode and its
# stand-alone program (api, code, main), those that only take time or memory (big, heavy), and the driver (all).
#
#   -m modes     programs to compare, comma-separated: JIT modes of moonshift, and `lua` for the installed `lua5.4`
#                (default: lua,off,on,always; `lua` calibrates: a file it fails is not expected of moonshift)
#   -t seconds   time limit of one file in one mode (default 120)
#   -l folder    keep each run's output as folder/file.mode
#
# MOONSHIFT names the program to test (default: target/release/moonshift of this project). The exit status is 1 when a
# file fails in any mode of moonshift, 2 when the arguments make no sense.

set -u

modes=lua,off,on,always
limit=120
logs=
while getopts m:t:l: option; do
    case $option in
        m) modes=$OPTARG ;;
        t) limit=$OPTARG ;;
        l) logs=$OPTARG ;;
        *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
if [ $# -lt 1 ] || [ ! -f "$1/all.lua" ]; then
    echo "usage: $0 [-m modes] [-t seconds] [-l folder] testes [file ...]" >&2
    exit 2
fi
suite=$(cd "$1" && pwd)
shift

project=$(cd "$(dirname "$0")/../.." && pwd)
moonshift=${MOONSHIFT:-$project/target/release/moonshift}
[ -x "$moonshift" ] || { echo "no program $moonshift; build it, or name one in MOONSHIFT" >&2; exit 2; }

if [ $# -gt 0 ]; then
    files=("${@%.lua}")
else
    files=(attrib bitwise calls closure constructs coroutine cstack db errors events files gc gengc goto literals
        locals math nextvar pm sort strings tpack utf8 vararg verybig)
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
[ -z "$logs" ] && logs=$scratch/logs
mkdir -p "$logs"
logs=$(cd "$logs" && pwd)

# Run one file in one mode; the status is the program's, or 124 after the time limit.
run() {
    local file=$1 mode=$2 program status
    if [ "$mode" = lua ]; then program=(lua5.4); else program=("$moonshift" "--jit=$mode"); fi
    cp -r "$suite" "$scratch/run"
    (cd "$scratch/run" && timeout -k 5 "$limit" "${program[@]}" -e '_port=true _soft=true T=nil' "$file.lua" \
        </dev/null >"$logs/$file.$mode" 2>&1)
    status=$?
    chmod -R u+w "$scratch/run" && rm -rf "$scratch/run"
    return $status
}

IFS=, read -ra columns <<<"$modes"
failures=0
printf '%-12s' file
printf '%-12s' "${columns[@]}"
echo
for file in "${files[@]}"; do
    printf '%-12s' "$file"
    for mode in "${columns[@]}"; do
        start=$(date +%s%N)
        run "$file" "$mode" 2>/dev/null
        status=$?
        seconds=$(awk -v ns=$(($(date +%s%N) - start)) 'BEGIN { printf "%.1f", ns / 1e9 }')
        case $status in
            0) word=ok ;;
            124 | 137) word=TIME ;;
            *) word="FAIL" ;;
        esac
        if [ $status -ne 0 ] && [ "$mode" != lua ]; then failures=$((failures + 1)); fi
        printf '%-12s' "$word ${seconds}s"
    done
    echo
done
if [ $failures -gt 0 ]; then
    echo "$failures failures"
    exit 1
fi
echo "all pass"
