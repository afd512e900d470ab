import type { ModelCard } from '@/api/types';
import type { Filters, LicenceFilter, SizeFilter } from '../state';

const OPEN =
  /^(apache-2\.0|mit|bsd.*|cc0-1\.0|cc-by-4\.0|cc-by-sa-4\.0|isc|unlicense|afl-3\.0|artistic-2\.0|mpl-2\.0|openrail\+\+)$/;

export function licenceKind(licence: string | null): LicenceFilter | null {
  if (licence === null) return null;
  return OPEN.test(licence.toLowerCase()) ? 'open' : 'conditions';
}

export function sizeKind(bytes: number | null): SizeFilter | null {
  if (bytes === null) return null;
  if (bytes < 500e6) return 'small';
  return bytes <= 4e9 ? 'medium' : 'large';
}

type Local = Pick<Filters, 'modality' | 'size' | 'licence' | 'onlyFits'>;

const runs = (card: ModelCard): boolean =>
  card.fit.verdict === 'fits' || card.fit.verdict === 'tight';

/** What the API does not filter by; it works on the cards that are here. */
export function matches(card: ModelCard, filters: Local): boolean {
  const { modality, size, licence, onlyFits } = filters;
  return (
    (modality === null || card.type === modality) &&
    (size === null || sizeKind(card.download_bytes) === size) &&
    (licence === null || licenceKind(card.license) === licence) &&
    (!onlyFits || runs(card))
  );
}

/** The same model may come from the catalogue, the Hub and the disk; the first one stays. */
export function unique(cards: readonly ModelCard[]): ModelCard[] {
  const seen = new Map<string, ModelCard>();
  for (const card of cards) {
    const key = `${card.source === 'cached' ? 'hub' : card.source}:${card.id}`;
    if (!seen.has(key)) seen.set(key, card);
  }
  return [...seen.values()];
}
