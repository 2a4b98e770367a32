// Two short tones for a new message.
const tones = [660, 880]; // hertz
const pauseBetween = 1500; // milliseconds
let audio, last = 0;

// ding plays them, unless it has just done so.
export const ding = () => {
  if (Date.now() - last < pauseBetween) return;
  last = Date.now();
  try {
    audio = audio || new AudioContext();
    tones.forEach((frequency, i) => play(frequency, audio.currentTime + i * 0.12));
  } catch { /* no sound here: the page does without */ }
};

const play = (frequency, at) => {
  const oscillator = audio.createOscillator(), gain = audio.createGain();
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0.0001, at);
  gain.gain.exponentialRampToValueAtTime(0.15, at + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.25);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(at);
  oscillator.stop(at + 0.3);
};
