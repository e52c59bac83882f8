/** Moving pictures: the other side's, and one's own, small and mirrored. */
import { useEffect, useRef } from "react";
import { useLanguage } from "./use-language.tsx";
import "./picture.css";

interface PictureProps {
  readonly stream: MediaStream;
}

/** Plays the sound as well; without a picture it is sound alone. */
export function OtherPicture({ stream, name, hidden }: PictureProps & { name: string; hidden: boolean }) {
  const { t } = useLanguage();
  const video = usePlaying(stream);
  return (
    // oxlint-disable-next-line jsx-a11y/media-has-caption -- a live talk has none
    <video
      ref={video}
      className="other-picture"
      aria-label={t.call.picture(name)}
      autoPlay
      playsInline
      hidden={hidden}
    />
  );
}

export function OwnPicture({ stream }: PictureProps) {
  const { t } = useLanguage();
  const video = usePlaying(stream);
  return (
    <video ref={video} className="own-picture" aria-label={t.call.ownPicture} autoPlay playsInline muted />
  );
}

function usePlaying(stream: MediaStream) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (!element) return undefined;
    if (element.srcObject !== stream) element.srcObject = stream;
    // A page may not make a sound before a user has touched it.
    const play = (): void => void element.play().catch(() => undefined);
    play();
    addEventListener("click", play);
    return () => removeEventListener("click", play);
  }, [stream]);
  return video;
}
