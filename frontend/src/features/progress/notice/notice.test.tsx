import { renderHook, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { deployment } from '@/test/fixtures';
import { renderAt } from '@/test/render';
import { fromSnapshot } from '../live/progress';
import { accepted } from '../live/testing';
import { NotifyButton } from './NotifyButton';
import { useEndNotice } from './useEndNotice';

const made = vi.fn();

class FakeNotification {
  static permission: NotificationPermission = 'default';
  static requestPermission = vi.fn(async () => {
    FakeNotification.permission = 'granted';
    return FakeNotification.permission;
  });
  onclick: (() => void) | null = null;
  constructor(title: string) {
    made(title);
  }
  close() {}
}

beforeEach(() => {
  made.mockClear();
  FakeNotification.permission = 'default';
  vi.stubGlobal('Notification', FakeNotification);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const ends = (hidden: boolean, permission: NotificationPermission) => {
  FakeNotification.permission = permission;
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(hidden);
  const { rerender } = renderHook(({ progress }) => useEndNotice('support-chat', progress), {
    initialProps: { progress: fromSnapshot(accepted()) },
  });
  rerender({ progress: fromSnapshot(deployment('running')) });
  return made.mock.calls;
};

test('a notification is sent when the page is hidden and permission was granted', () => {
  expect(ends(true, 'granted')).toEqual([['support-chat is launched']]);
});

test('no notification is sent when the page is visible or permission is missing', () => {
  expect(ends(false, 'granted')).toEqual([]);
  expect(ends(true, 'default')).toEqual([]);
});

test('a page opened after the end sends no notification', () => {
  FakeNotification.permission = 'granted';
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
  renderHook(() => useEndNotice('support-chat', fromSnapshot(deployment('running'))));
  expect(made).not.toHaveBeenCalled();
});

test('permission is requested only on click', async () => {
  const { user } = renderAt(<NotifyButton />);
  expect(FakeNotification.requestPermission).not.toHaveBeenCalled();
  await user.click(screen.getByRole('button', { name: 'Notify me' }));
  expect(await screen.findByRole('button', { name: 'You will be notified' })).toBeDisabled();
});
