import { MachinePage } from '@/features/dashboard/MachinePage';

export const Component = MachinePage;
