import type { RouteObject } from 'react-router';
import { expect, test } from 'vitest';
import served from '../../../backend/api/wizard_pages.json?raw';
import { routes } from './routes';

/** Absolute patterns of all routes that show a page, without the catch-all. */
function patternsOf(list: RouteObject[], base = ''): string[] {
  return list.flatMap((route) => {
    const path = route.path ? `${base}/${route.path}` : base;
    const below = route.children ? patternsOf(route.children, path) : [];
    const isPage = route.index === true || (route.path !== undefined && route.path !== '*');
    return isPage ? [path || '/', ...below] : below;
  });
}

test('the server serves exactly the pages of the router', () => {
  expect(new Set(JSON.parse(served))).toEqual(new Set(patternsOf(routes)));
});
