/** Answers with places in a picture, a text or a sound, read from JSON that nobody vouches for. */
import { isFields, isNumber, isText, listOf } from './responses';

export interface Box {
  label: string;
  score: number;
  xmin: number;
  ymin: number;
  xmax: number;
  ymax: number;
}

export interface Mask {
  label: string;
  score: number;
  /** A `data:` URL of a PNG: white is what belongs to it. */
  url: string;
}

export interface Found {
  answer: string;
  score: number;
  start: number | null;
  end: number | null;
}

export interface Chunk {
  text: string;
  from: number | null;
  to: number | null;
}

export interface Place {
  x: number;
  y: number;
}

export interface Match {
  label: string;
  score: number;
  from: Place;
  to: Place;
}

const numberOf = (value: unknown): number | null => (isNumber(value) ? value : null);
const asList = (json: unknown): unknown => (isFields(json) ? [json] : json);
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The address of a PNG in base64. It ends in a style sheet, so nothing else passes. */
function pngUrl(value: unknown): string | null {
  const letters = isText(value) ? value.replace(/^data:image\/png;base64,/, '') : '';
  return BASE64.test(letters) ? `data:image/png;base64,${letters}` : null;
}

function readBox(one: unknown): Box | null {
  if (!isFields(one) || !isText(one.label) || !isNumber(one.score) || !isFields(one.box))
    return null;
  const { xmin, ymin, xmax, ymax } = one.box;
  return isNumber(xmin) && isNumber(ymin) && isNumber(xmax) && isNumber(ymax)
    ? { label: one.label, score: one.score, xmin, ymin, xmax, ymax }
    : null;
}

export const readBoxes = (json: unknown): Box[] | null => listOf(json, readBox);

function readMask(one: unknown): (Omit<Mask, 'label'> & { label: string | null }) | null {
  const url = isFields(one) ? pngUrl(one.mask) : null;
  if (!isFields(one) || url === null) return null;
  return {
    label: isText(one.label) ? one.label : null,
    score: isNumber(one.score) ? one.score : 1,
    url,
  };
}

/** Parts without a name are told apart by their place in the list. */
export const readMasks = (json: unknown): Mask[] | null =>
  listOf(json, readMask)?.map((one, n) => ({ ...one, label: one.label ?? `part ${n + 1}` })) ??
  null;

/** Answers to a question; one alone may come without a list. */
export const readFound = (json: unknown): Found[] | null =>
  listOf(asList(json), (one) =>
    isFields(one) && isText(one.answer)
      ? {
          answer: one.answer,
          score: isNumber(one.score) ? one.score : 1,
          start: numberOf(one.start),
          end: numberOf(one.end),
        }
      : null,
  );

export function readChunks(json: unknown): Chunk[] | null {
  if (!isFields(json) || !isText(json.text)) return null;
  const chunks = listOf(json.chunks, (one) => {
    if (!isFields(one) || !isText(one.text)) return null;
    const [from, to] = Array.isArray(one.timestamp) ? one.timestamp : [];
    return { text: one.text, from: numberOf(from), to: numberOf(to) };
  });
  return chunks ?? [{ text: json.text, from: null, to: null }];
}

/** The picture in an answer that tells more than the picture: `depth` of a depth map, say. */
export const readImage = (json: unknown, name: string): string | null =>
  isFields(json) ? pngUrl(json[name]) : null;

/** Rows with an index into what was sent, best first. */
export const readRanking = (json: unknown): { index: number; score: number }[] | null =>
  listOf(json, (one) =>
    isFields(one) && isNumber(one.index) && isNumber(one.score)
      ? { index: one.index, score: one.score }
      : null,
  );

export const readNumbers = (json: unknown): number[] | null =>
  listOf(json, (one) => (isNumber(one) ? one : null));

const readPlace = (value: unknown): Place | null =>
  isFields(value) && isNumber(value.x) && isNumber(value.y) ? { x: value.x, y: value.y } : null;

function readMatch(one: unknown): Match | null {
  if (!isFields(one) || !isNumber(one.score)) return null;
  const [from, to] = [readPlace(one.keypoint_image_0), readPlace(one.keypoint_image_1)];
  if (from === null || to === null) return null;
  const label = `${from.x}, ${from.y} to ${to.x}, ${to.y}`;
  return { label, score: one.score, from, to };
}

/** Places that two pictures share, the surest first. */
export const readMatches = (json: unknown): Match[] | null =>
  listOf(json, readMatch)?.sort((a, b) => b.score - a.score) ?? null;
