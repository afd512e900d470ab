import { expect, test } from 'vitest';
import { mediaOfDataUrl } from './media';
import { PIXEL } from './testing';

test('reads bytes and media type of a data URL', async () => {
  const media = mediaOfDataUrl(PIXEL, 'sample.png');
  expect(media?.blob.type).toBe('image/png');
  const bytes = new Uint8Array(await (media?.blob.arrayBuffer() ?? new ArrayBuffer(0)));
  expect([...bytes.slice(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
});

test('rejects other URLs', () => {
  expect(mediaOfDataUrl('http://localhost/a.png', 'a')).toBeNull();
  expect(mediaOfDataUrl({ inputs: 'x' }, 'a')).toBeNull();
});
