#!/usr/bin/env bash
# Checks a plan in a workflow: annotations to the log, a summary to the job, and every report to a folder.
# Ends with the exit code of the check. Reads PLIMSOLL_FILES and PLIMSOLL_ARGUMENTS (one word a line),
# PLIMSOLL_FOLDER and PLIMSOLL_PROGRAM.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
program="${PLIMSOLL_PROGRAM:-$here/../../../target/release/plimsoll}"
folder="${PLIMSOLL_FOLDER:-plimsoll-report}"
mkdir -p "$folder"

words=()
while IFS= read -r word; do
  [[ -z "$word" ]] || words+=("$word")
done <<<"${PLIMSOLL_FILES:-}"$'\n'"${PLIMSOLL_ARGUMENTS:-}"

code=0
"$program" check ${words[@]+"${words[@]}"} --format github \
  --report "json=$folder/report.json" --report "comment=$folder/comment.md" \
  --report "sarif=$folder/report.sarif" --report "junit=$folder/junit.xml" \
  --report "html=$folder/report.html" || code=$?

if [[ -n "${GITHUB_STEP_SUMMARY:-}" && -f "$folder/comment.md" ]]; then
  cat "$folder/comment.md" >>"$GITHUB_STEP_SUMMARY"
fi
if [[ -n "${GITHUB_OUTPUT:-}" ]]; then
  printf 'exit-code=%s\n' "$code" >>"$GITHUB_OUTPUT"
fi
exit "$code"
