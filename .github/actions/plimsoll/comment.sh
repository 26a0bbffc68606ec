#!/usr/bin/env bash
# Writes the comment of a pull request anew, or replaces the one that is there:
#   comment.sh OWNER/REPOSITORY NUMBER REPORT.json
# The report may come from a fork. So nothing of it is posted as it is: it is rendered here, with every name
# escaped. Needs `gh` with a token that may write to pull requests. DRY_RUN=1 prints instead of posting.
set -euo pipefail

repository="$1" number="$2" report="$3"
program="${PLIMSOLL_PROGRAM:-plimsoll}"
if ! [[ "$number" =~ ^[0-9]+$ && "$repository" =~ ^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$ ]]; then
  echo "comment.sh OWNER/REPOSITORY NUMBER REPORT.json" >&2
  exit 2
fi

body="$(mktemp)"
trap 'rm -f "$body"' EXIT
# The exit code is that of the saved verdict; 2 and above 3: there is nothing to post.
code=0
"$program" report "$report" --format comment >"$body" || code=$?
if ((code != 0 && code != 1 && code != 3)); then
  exit "$code"
fi
if [[ -n "${DRY_RUN:-}" ]]; then
  cat "$body"
  exit 0
fi

# The first line is a mark that nobody sees; only a comment of a bot that begins with it is ours.
MARK="$(head -n 1 "$body")"
export MARK
old="$(gh api --paginate "repos/$repository/issues/$number/comments" \
  --jq '.[] | select(.user.type == "Bot" and (.body | startswith(env.MARK))) | .id' | head -n 1)"
if [[ -n "$old" ]]; then
  gh api --method PATCH "repos/$repository/issues/comments/$old" --field "body=@$body" >/dev/null
else
  gh api --method POST "repos/$repository/issues/$number/comments" --field "body=@$body" >/dev/null
fi
