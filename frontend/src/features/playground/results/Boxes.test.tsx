import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { Boxes } from './Boxes';

test('a box is clipped to the image, and the highest score is on top', () => {
  const beyond = { label: 'cat', score: 0.9, xmin: -5, ymin: 5, xmax: 15, ymax: 30 };
  const within = { label: 'dog', score: 0.4, xmin: 1, ymin: 0, xmax: 3, ymax: 5 };
  const size = { width: 10, height: 10 };
  render(<Boxes boxes={[beyond, within]} size={size} chosen={null} onPoint={() => undefined} />);
  const [cat, dog] = ['cat 90%', 'dog 40%'].map((label) => screen.getByText(label).parentElement);
  expect(cat).toHaveStyle({ left: '0%', width: '100%', top: '50%', height: '50%', zIndex: '2' });
  expect(dog).toHaveStyle({ left: '10%', width: '20%', top: '0%', height: '50%', zIndex: '1' });
});
