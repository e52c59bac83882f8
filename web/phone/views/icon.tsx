/** The page's icons: strokes on 24 by 24, in the colour of the text. They are decoration; words stand beside or in a label. */
const SHAPES = {
  call: "M6.6 3.5 9 3l2 4.6-2 1.7a12 12 0 0 0 5.7 5.7l1.7-2L21 15l-.5 2.4a3 3 0 0 1-3 2.4A14.7 14.7 0 0 1 4.200 6.500a3 3 0 0 1 2.400-3Z",
  "hang-up":
    "M3 14.500c0-1.600.6-2.500 1.800-3.200A14.500 14.500 0 0 1 12 9.500c2.700 0 5.100.6 7.200 1.800 1.200.7 1.800 1.600 1.800 3.200v1.200l-4.700-.9-.4-2.200a14 14 0 0 0-7.800 0l-.4 2.200-4.700.9Z",
  video:
    "M3.500 7.500a2 2 0 0 1 2-2h7a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2ZM14.500 10.500l6-3.500v10l-6-3.500",
  "video-off":
    "M3.500 7.500a2 2 0 0 1 2-2h7a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2ZM14.500 10.500l6-3.500v10l-6-3.500M3 3l18 18",
  microphone:
    "M12 3.500a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3ZM5.500 11.500a6.500 6.500 0 0 0 13 0M12 18v3",
  "microphone-off":
    "M12 3.500a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3ZM5.500 11.500a6.500 6.500 0 0 0 13 0M12 18v3M3 3l18 18",
  search: "M10.500 4a6.500 6.500 0 1 1 0 13 6.500 6.500 0 0 1 0-13ZM15.500 15.500 20.500 20.500",
  out: "M7 17 17 7M9 7h8v8",
  in: "M17 7 7 17M15 17H7V9",
  close: "M6 6l12 12M18 6 6 18",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500Z",
} as const;

export type IconName = keyof typeof SHAPES;

interface IconProps {
  readonly name: IconName;
  /** In pixels. */
  readonly size?: number;
}

export function Icon({ name, size = 22 }: IconProps) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d={SHAPES[name]} />
    </svg>
  );
}
