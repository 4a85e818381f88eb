/** Tones of the strip: two rising before a line is opened, a low one when silence is confirmed. */

/** @type {AudioContext|null} */
let context = null;

const STEP = 0.11;

/** @param {number[]} tones hertz @returns {Promise<void>} ends when the last tone has ended */
async function play(tones) {
  if (!document.hasFocus() || !navigator.userActivation?.hasBeenActive) return;
  context ??= new AudioContext();
  const start = context.currentTime + 0.01;
  tones.forEach((tone, index) => ring(/** @type {AudioContext} */ (context), tone, start + index * STEP));
  await new Promise((done) => { setTimeout(done, tones.length * STEP * 1000); });
}

/** @param {AudioContext} audio @param {number} tone @param {number} at */
function ring(audio, tone, at) {
  const oscillator = audio.createOscillator();
  const volume = audio.createGain();
  oscillator.frequency.value = tone;
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + STEP);
  oscillator.connect(volume).connect(audio.destination);
  oscillator.start(at);
  oscillator.stop(at + STEP);
}

/** Before a whisper is asked for: the person is still silent. */
export const beforeWhisper = () => play([523, 784]);

/** Before a barge is asked for. */
export const beforeBarge = () => play([523, 784, 523, 784]);

/** After silence was confirmed. */
export const silent = () => play([262]);
