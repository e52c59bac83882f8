/** The sound of a ringing phone, and of one that waits for the other to ring, made as it is needed: no file. */
export interface Ringtone {
  /** `incoming` rings here, `outgoing` is what a caller hears. Undefined is silence. */
  play(tone: "incoming" | "outgoing" | undefined): void;
  /** The browser lets a page make sounds only after a user has touched it. */
  isSilenced(): boolean;
}

const TONES = {
  incoming: { hertz: [660, 880], onSeconds: 0.9, everySeconds: 2.4, loudness: 0.16, warble: 0.12 },
  outgoing: { hertz: [425], onSeconds: 1, everySeconds: 4, loudness: 0.05, warble: 0 },
} as const;
/** Written ahead so far: a page in the background is woken rarely. */
const AHEAD_SECONDS = 130;

export function openRingtone(): Ringtone {
  let audio: AudioContext | undefined;
  let stop: (() => void) | undefined;
  // A touch anywhere lets a ring that has begun be heard.
  addEventListener("pointerdown", () => void audio?.resume());
  addEventListener("keydown", () => void audio?.resume());
  return {
    play(tone) {
      stop?.();
      stop = undefined;
      if (!tone) return;
      audio ??= new AudioContext();
      void audio.resume();
      stop = sound(audio, TONES[tone]);
    },
    isSilenced: () => !navigator.userActivation.hasBeenActive,
  };
}

/** Two notes in turn, on and off, until it is stopped. */
function sound(audio: AudioContext, tone: (typeof TONES)[keyof typeof TONES]): () => void {
  const { hertz, onSeconds, everySeconds, loudness, warble } = tone;
  const note = audio.createOscillator();
  const volume = audio.createGain();
  volume.gain.value = 0;
  note.connect(volume).connect(audio.destination);
  const beginsAt = audio.currentTime + 0.05;
  for (let at = beginsAt; at < beginsAt + AHEAD_SECONDS; at += everySeconds) {
    volume.gain.setTargetAtTime(loudness, at, 0.02);
    volume.gain.setTargetAtTime(0, at + onSeconds, 0.04);
    if (warble === 0) note.frequency.setValueAtTime(hertz[0], at);
    for (let step = 0; warble > 0 && step * warble < onSeconds; step += 1)
      note.frequency.setValueAtTime(hertz[step % hertz.length] ?? hertz[0], at + step * warble);
  }
  note.start();
  return () => {
    volume.gain.cancelScheduledValues(0);
    volume.gain.setTargetAtTime(0, audio.currentTime, 0.02);
    note.stop(audio.currentTime + 0.2);
  };
}
