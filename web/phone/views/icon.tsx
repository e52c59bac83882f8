/** The page's icons: strokes on 24 by 24, in the colour of the text. They are decoration; words stand beside or in a label. */
const SHAPES = {
  call: "M6.6 3.5 9 3l2 4.6-2 1.7a12 12 0 0 0 5.7 5.7l1.7-2L21 15l-.5 2.4a3 3 0 0 1-3 2.4A14.7 14.7 0 0 1 4.2 6.5a3 3 0 0 1 2.4-3Z",
  video: "M3.5 7.5a2 2 0 0 1 2-2h7a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2ZM14.5 10.5l6-3.5v10l-6-3.5",
  "video-off":
    "M3.5 7.5a2 2 0 0 1 2-2h7a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2ZM14.5 10.5l6-3.5v10l-6-3.5M3 3l18 18",
  microphone: "M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3ZM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3",
  "microphone-off":
    "M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3ZM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3M3 3l18 18",
  search: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM15.5 15.5 20.5 20.5",
  out: "M7 17 17 7M9 7h8v8",
  in: "M17 7 7 17M15 17H7V9",
  add: "M9.5 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8ZM3 20a6.5 6.5 0 0 1 13 0M19 8v6M16 11h6",
  check: "M5 12.5 10 17.5 19.5 7",
  close: "M6 6l12 12M18 6 6 18",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z",
} as const;

export type IconName = keyof typeof SHAPES | "hang-up";

interface IconProps {
  readonly name: IconName;
  /** In pixels. */
  readonly size?: number;
}

export function Icon({ name, size = 22 }: IconProps) {
  return (
    <svg className={`icon icon-${name}`} width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      {name === "hang-up" ? (
        <path d={SHAPES.call} transform="rotate(135 12 12)" />
      ) : (
        <path d={SHAPES[name]} />
      )}
    </svg>
  );
}
