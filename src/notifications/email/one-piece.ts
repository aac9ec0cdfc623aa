import { Transform } from 'node:stream';

/** A mail as nodemailer's plugins see it. */
interface CompiledMail {
  message: { transform: (make: () => Transform) => void };
}

/** nodemailer plugin: it writes a message to the connection in some thirty small pieces; this makes it one. */
export function sendInOnePiece({ message }: CompiledMail, done: () => void): void {
  message.transform(gather);
  done();
}

function gather(): Transform {
  const pieces: Buffer[] = [];
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      pieces.push(piece);
      done();
    },
    flush(done) {
      done(null, Buffer.concat(pieces));
    },
  });
}
