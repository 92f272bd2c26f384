"""Asks a StyGig server for the outfit around one picture. Python 3.9 or newer, standard library only.

    python3 examples/recommend.py http://localhost:8080 look.jpg gender=female top_k=5
"""

import json
import sys
import time
import urllib.error
import urllib.request

# Full or just starting: the server says in Retry-After when another try is worthwhile.
WAITING_STATUSES = (429, 503)
MAX_TRIES = 4


def recommend(address, picture, options):
    """The answer as a dictionary. Raises RuntimeError with one sentence where there is none."""
    request = urllib.request.Request(
        address.rstrip("/") + "/invocations",
        data=picture,
        headers={
            # V4's name for a picture of any kind; the server looks at its bytes.
            "Content-Type": "application/x-image",
            "X-Amzn-SageMaker-Custom-Attributes": ",".join(options),
        },
    )
    for attempt in range(1, MAX_TRIES + 1):
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                answer = json.load(response)
            if "recommendations" not in answer:
                raise RuntimeError("the answer has no recommendations; is this a StyGig server?")
            return answer
        except urllib.error.HTTPError as error:
            text = error.read().decode("utf-8", "replace")
            if error.code not in WAITING_STATUSES or attempt == MAX_TRIES:
                raise RuntimeError(to_sentence(error.code, text)) from error
            time.sleep(float(error.headers.get("Retry-After", "1")))


def to_sentence(status, text):
    """What the server says of a failure; whoever stands in between may answer in words of their own."""
    try:
        failure = json.loads(text)["error"]
        return f'{failure["code"]}: {failure["message"]} {json.dumps(failure["details"])}'
    except (ValueError, KeyError, TypeError):
        return f"the answer was {status}: {text[:200]}"


def main(arguments):
    if len(arguments) < 2:
        print("usage: recommend.py ADDRESS PICTURE [OPTION=VALUE ...]", file=sys.stderr)
        return 2
    address, picture_file, *options = arguments
    try:
        with open(picture_file, "rb") as file:
            answer = recommend(address, file.read(), options)
    except (OSError, ValueError, RuntimeError) as error:
        print(f"recommend: {error}", file=sys.stderr)
        return 1
    for row in answer["recommendations"]:
        fields = (row["rank"], row["category"], row["item_id"], f'{row["score"]:.4f}', row.get("match_reason", ""))
        print(*fields, sep="\t")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
