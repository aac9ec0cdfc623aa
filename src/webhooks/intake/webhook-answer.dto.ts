import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** The answer to a committed event. */
export class WebhookAnswerDto {
  @ApiProperty({ description: 'Whether the event led to (or already is) a customer, or needs none' })
  success: boolean;

  @ApiPropertyOptional({ example: 'Customer created successfully with comprehensive setup' })
  message?: string;

  @ApiPropertyOptional({
    description: 'What was set up, in order; empty when nothing changed',
    example: ['Created customer: ada@example.com', 'Stripe Customer ID: cus_123'],
  })
  changes?: string[];

  @ApiPropertyOptional({
    description: 'Notifications handed to the durable delivery queue in the same transaction',
    example: 3,
  })
  notifications_sent?: number;

  @ApiPropertyOptional({
    description: 'Why nothing was set up, when success is false',
    example: 'Invalid customer data: Missing required fields: email',
  })
  error?: string;
}

/** The answer to a delivery that was not stored. */
export class WebhookErrorDto {
  @ApiProperty({ example: false })
  success: boolean;

  @ApiProperty({ example: 'Invalid signature' })
  error: string;
}
