// Runs before the first paint, so that a dark page never flashes white. A file, for the policy allows no inline script.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem('slipway-color-scheme');
  } catch {
    // Storage may be forbidden; the system's preference then decides.
  }
  const dark =
    chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
