import { Module } from '@nestjs/common';
import { Analysis } from './analysis.service.js';

/** One limit of concurrent questions for the whole process. */
@Module({ providers: [Analysis], exports: [Analysis] })
export class AnalysisModule {}
