# shellcheck shell=bash
# Sourced by the scripts of this folder: files as numbered pieces, checked before they are joined.

die() {
    echo "${0##*/}: $1" >&2
    exit "${2:-2}"
}

# The comment at the head of the script, as help.
usage() {
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

# cut_up FILE FOLDER BYTES: FILE as FOLDER/NAME.part000 and on.
cut_up() { split -b "$3" -d -a 3 "$1" "$2/$(basename "$1").part"; }

# pieces_of SUMS NAME: the pieces of NAME that the list SUMS names, in order.
pieces_of() { awk -v name="$2" '{ sub(/^[*]/, "", $2) } index($2, name ".part") == 1 { print $2 }' "$1" | sort; }

# absent FOLDER PIECE...: how many of the pieces are not in FOLDER.
absent() {
    local folder=$1 count=0 piece
    shift
    for piece in "$@"; do
        [ -f "$folder/$piece" ] || count=$((count + 1))
    done
    echo "$count"
}
