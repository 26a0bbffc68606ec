// A chart as a file: SVG with its colours written in, or PNG of the same.
import { saveBlob } from "./save.ts";

const KEPT = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "opacity",
  "fill-opacity",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
];

export function saveVector(id: string): void {
  const text = standalone(id);
  if (text) saveBlob(new Blob([text], { type: "image/svg+xml" }), `plimsoll-${id}.svg`);
}

export async function saveImage(id: string): Promise<void> {
  const text = standalone(id);
  if (!text) return;
  const image = new Image();
  const loaded = new Promise((resolve, reject) => {
    image.onload = resolve;
    image.onerror = reject;
  });
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await loaded;
  const canvas = document.createElement("canvas");
  canvas.width = image.width * 2;
  canvas.height = image.height * 2;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => blob && saveBlob(blob, `plimsoll-${id}.png`));
}

/** The chart with every style that a stylesheet gives it, on the page's background. */
export function standalone(id: string): string | null {
  const shown = document.getElementById(id);
  if (!(shown instanceof SVGSVGElement)) return null;
  const copy = shown.cloneNode(true) as SVGSVGElement;
  const copies = [copy, ...copy.querySelectorAll("*")];
  [shown, ...shown.querySelectorAll("*")].forEach((element, index) => {
    const style = getComputedStyle(element);
    const target = copies[index];
    target?.removeAttribute("class");
    for (const name of KEPT) target?.setAttribute(name, style.getPropertyValue(name));
  });
  const { width, height } = shown.viewBox.baseVal;
  const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  paper.setAttribute("width", "100%");
  paper.setAttribute("height", "100%");
  paper.setAttribute("fill", getComputedStyle(document.body).backgroundColor);
  copy.prepend(paper);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  return new XMLSerializer().serializeToString(copy);
}
