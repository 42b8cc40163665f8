#!/bin/sh
# Makes the recordings that an inbound caller hears when the called organization has no credit, and announcements.json.
# The caller is not the debtor, so the words say only that the number cannot be reached: nothing about credit.
#
#   sh src/assets/make-announcements.sh      needs espeak-ng and sox (Debian: apt-get install espeak-ng sox)
#
# The same versions of espeak-ng and sox give the same bytes. File names carry a hash of the content, because
# telephone platforms keep a recording by its URL for a day and longer: new words need a new URL, and then it may be
# kept for ever.
set -eu

command -v espeak-ng >/dev/null && command -v sox >/dev/null || {
  echo "make-announcements: espeak-ng and sox are missing; on Debian: apt-get install espeak-ng sox" >&2
  exit 1
}

cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf announcements
mkdir announcements

# publish LANGUAGE EXTENSION: puts a finished file under its immutable name and prints the path of its URL.
publish() {
  hash=$(sha256sum "$work/$1.$2" | cut -c 1-8)
  mv "$work/$1.$2" "announcements/unavailable.$1.$hash.$2"
  printf '/announcements/unavailable.%s.%s.%s' "$1" "$hash" "$2"
}

# announce LANGUAGE VOICE WORDS_PER_MINUTE TEXT: prints the language's lines of the manifest.
announce() {
  espeak-ng -v "$2" -s "$3" -w "$work/speech.wav" "$4"
  # -D: no dither, it would be random. The chain trims espeak's own silences, keeps the band that a telephone carries,
  # evens out the loudness (about -20 dB RMS) and leaves 1 dB below full scale, so that no codec clips.
  sox -D "$work/speech.wav" -c 1 -b 16 -e signed-integer "$work/voice.wav" \
    silence 1 0.01 0.1% reverse silence 1 0.01 0.1% reverse \
    highpass 250 rate -v 8000 lowpass 3400 \
    compand 0.005,0.1 6:-60,-50,-30,-22,-12,-12,0,-8 0 -60 0.01 norm -1
  # 200 ms of silence first: the first packets of early media are often lost. The end is filled up to whole packets of
  # 20 ms (160 samples), so that no player has to invent the rest of the last one.
  pad=$((1600 + (160 - $(soxi -s "$work/voice.wav") % 160) % 160))
  sox -D "$work/voice.wav" "$work/$1.wav" pad 1600s "${pad}s"
  # Both G.711 forms come from the WAV's own samples, so all three say the same.
  sox -D "$work/$1.wav" -t raw -e mu-law -b 8 "$work/$1.ulaw"
  sox -D "$work/$1.wav" -t raw -e a-law -b 8 "$work/$1.alaw"
  duration_ms=$(($(wc -c <"$work/$1.ulaw") / 8))
  printf '  "%s": {\n    "text": "%s",\n    "duration_ms": %s,\n' "$1" "$4" "$duration_ms"
  printf '    "wav": "%s",\n    "ulaw": "%s",\n    "alaw": "%s"\n' \
    "$(publish "$1" wav)" "$(publish "$1" ulaw)" "$(publish "$1" alaw)"
}

{
  printf '{\n'
  announce en en-gb 150 "The number you are calling cannot be reached at the moment. Please try again later."
  printf '  },\n'
  announce nl nl 145 "Dit nummer is op dit moment niet bereikbaar. Probeert u het later nog eens."
  printf '  },\n'
  announce de de 150 "Dieser Anschluss ist zurzeit nicht erreichbar. Bitte versuchen Sie es später noch einmal."
  printf '  }\n}\n'
} >"$work/announcements.json"
mv "$work/announcements.json" announcements.json
