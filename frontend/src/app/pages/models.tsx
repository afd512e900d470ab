import { Models } from '@/features/dashboard/Models';

export const Component = Models;
