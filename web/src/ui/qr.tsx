// ui/qr.tsx: a QR code, which the server draws as SVG. As a picture it can run nothing.
export function QrCode({ svg, label }: { svg: string, label: string }) {
  return (
    <img class="qr" width="200" height="200" alt={label}
      src={`data:image/svg+xml,${encodeURIComponent(svg)}`} />
  )
}
