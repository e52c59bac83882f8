/** How loud a MediaStream is, as of now: by Web Audio, one analyser for each stream. */

/** The part of Web Audio that is used. */
interface AudioContextLike {
  createMediaStreamSource(stream: never): { connect(to: object): void };
  createAnalyser(): Analyser;
}
interface Analyser {
  fftSize: number;
  getFloatTimeDomainData(samples: Float32Array): void;
}

const SAMPLES = 512;
const analysers = new WeakMap<object, Analyser>();
let context: AudioContextLike | undefined;

/** From 0 to 1; 0 where there is no Web Audio. For `levelOf` of `ivsMedia`: ask a few times a second, while it is shown. */
export function browserLevel(stream: unknown): number {
  const { AudioContext } = globalThis as unknown as { AudioContext?: new () => AudioContextLike };
  if (!AudioContext || !isHeard(stream)) return 0;
  context ??= new AudioContext();
  const analyser = analysers.get(stream) ?? analyse(context, stream);
  analysers.set(stream, analyser);
  const samples = new Float32Array(SAMPLES);
  analyser.getFloatTimeDomainData(samples);
  const power = samples.reduce((sum, one) => sum + one * one, 0) / SAMPLES;
  return Math.min(1, Math.sqrt(power));
}

/** Web Audio refuses a stream without sound. */
function isHeard(stream: unknown): stream is object {
  const { getAudioTracks } = (stream ?? {}) as { getAudioTracks?: () => readonly object[] };
  return getAudioTracks !== undefined && getAudioTracks.call(stream).length > 0;
}

function analyse(audio: AudioContextLike, stream: object): Analyser {
  const analyser = audio.createAnalyser();
  analyser.fftSize = SAMPLES;
  // A MediaStream, which this platform's Web Audio knows.
  audio.createMediaStreamSource(stream as never).connect(analyser);
  return analyser;
}
