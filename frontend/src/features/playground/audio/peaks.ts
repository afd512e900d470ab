/** The loudest sample of each of `count` slices, 0 to 1 and scaled to the loudest of all. */
export function peaksOf(samples: Float32Array, count: number): number[] {
  const size = samples.length / count;
  const peaks = Array.from({ length: count }, (_, slice) => {
    let most = 0;
    const end = Math.min(
      samples.length,
      Math.max(Math.floor((slice + 1) * size), slice * size + 1),
    );
    for (let at = Math.floor(slice * size); at < end; at += 1) {
      most = Math.max(most, Math.abs(samples[at] ?? 0));
    }
    return most;
  });
  const loudest = Math.max(...peaks, 0);
  return loudest === 0 ? peaks : peaks.map((peak) => peak / loudest);
}
