/** What runs inside the page while its speed is measured. */

interface Flood {
  id: string;
  PER_SECOND: number;
  SECONDS: number;
}

interface Flooded extends Window {
  /** Opens the flood; resolves when the last event was sent. */
  flood: () => Promise<number>;
}

export interface Moved {
  events: number;
  /** How often the page changed what it shows. */
  paints: number;
  /** Milliseconds. */
  longestTask: number;
  longestFrame: number;
}

/** In place of the browser's WebSocket: one that says nothing until `flood` is called. */
export function floodOfEvents({ id, PER_SECOND, SECONDS }: Flood): void {
  const total = PER_SECOND * SECONDS;
  const eventOf = (seq: number) => ({
    seq,
    at: new Date().toISOString(),
    type: 'progress',
    deployment_id: id,
    current_step: 'download',
    percent: 4 + (46 * seq) / total,
    completed_steps: 1,
    total_steps: 6,
    message: `model.safetensors ${seq} of ${total} MB`,
    elapsed_seconds: seq / PER_SECOND,
    details: {
      file: 'model.safetensors',
      bytes_done: seq * 1_000_000,
      bytes_total: total * 1_000_000,
      bytes_per_second: 2e8,
      eta_seconds: (total - seq) / PER_SECOND,
    },
  });
  class Socket {
    onopen: (() => void) | null = null;
    onmessage: ((message: { data: string }) => void) | null = null;
    onclose: (() => void) | null = null;
    constructor() {
      setTimeout(() => this.onopen?.());
      (window as unknown as Flooded).flood = () => this.pour();
    }
    close() {
      this.onmessage = null;
    }
    pour(): Promise<number> {
      const began = performance.now();
      let seq = 0;
      return new Promise((resolve) => {
        const timer = setInterval(() => {
          const due = Math.min(
            total,
            Math.floor(((performance.now() - began) / 1000) * PER_SECOND),
          );
          while (seq < due) {
            seq += 1;
            this.onmessage?.({ data: JSON.stringify(eventOf(seq)) });
          }
          if (seq < total) return;
          clearInterval(timer);
          resolve(seq);
        }, 5);
      });
    }
  }
  Object.assign(window, { WebSocket: Socket });
}

/** Counts while the flood lasts. */
export async function countPaints(): Promise<Moved> {
  let [paints, longestTask, longestFrame] = [0, 0, 0];
  const mutations = new MutationObserver(() => {
    paints += 1;
  });
  const ramp = document.querySelector('[role="progressbar"]');
  if (ramp) mutations.observe(ramp, { attributes: true });
  const tasks = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestTask = Math.max(longestTask, duration);
  });
  tasks.observe({ entryTypes: ['longtask'] });
  let last = performance.now();
  let isOver = false;
  const frame = (now: number) => {
    longestFrame = Math.max(longestFrame, now - last);
    last = now;
    if (!isOver) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const events = await (window as unknown as Flooded).flood();
  isOver = true;
  mutations.disconnect();
  tasks.disconnect();
  return { events, paints, longestTask, longestFrame };
}
