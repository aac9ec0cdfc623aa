/** A problem in a text and its place: `blocks[1].text`, line and column from 1. */
export interface ContentProblem {
  code:
    | 'wrong_shape'
    | 'too_long'
    | 'empty_text'
    | 'not_one_line'
    | 'html_in_text'
    | 'template_syntax'
    | 'unknown_field'
    | 'unsupported_expression'
    | 'unknown_target'
    | 'no_portal_link';
  path: string;
  line?: number;
  column?: number;
  message: string;
}
