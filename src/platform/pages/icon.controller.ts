import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import Handlebars from 'handlebars';
import { paletteOf } from '../brand/brand-palette.js';
import { BrandSettings } from '../brand/brand.settings.js';
import { PageResponse } from './page-controller.decorator.js';
import { ICON_PATH } from './page-renderer.service.js';

/** The icon of the pages in browsers. */
@Controller(ICON_PATH)
@ApiTags('pages')
@ApiProduces('image/svg+xml')
export class IconController {
  private readonly icon: string;

  constructor(private readonly brand: BrandSettings) {
    this.icon = iconOf(brand);
  }

  @Get()
  @ApiOperation({
    summary: "The icon of the pages: the brand's logo, or else its first letter in its colour",
  })
  @PageResponse(200, 'An image (SVG)')
  @PageResponse(302, 'The logo (BRAND_LOGO_URL)')
  show(@Res() reply: FastifyReply): void {
    void reply.header('cache-control', 'public, max-age=86400');
    const { logoUrl } = this.brand;
    if (logoUrl) return void reply.redirect(logoUrl, HttpStatus.FOUND);
    void reply.type('image/svg+xml').send(this.icon);
  }
}

function iconOf({ name, color }: BrandSettings): string {
  const { button, buttonText } = paletteOf(color);
  const [first] = new Intl.Segmenter().segment(name);
  const letter = Handlebars.escapeExpression(first?.segment.toUpperCase() ?? '');
  const style = `font-family="system-ui,sans-serif" font-size="20" font-weight="700" text-anchor="middle"`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="${button}"/>` +
    `<text x="16" y="23" fill="${buttonText}" ${style}>${letter}</text></svg>`
  );
}
